import type { NotificationData } from '@mantine/notifications';

/** Says something in the corner. What draws it is loaded when there is something to say: the first page has nothing. */
export async function tell(notification: NotificationData): Promise<void> {
  const { notifications } = await import('@mantine/notifications');
  notifications.show({ closeButtonProps: { 'aria-label': 'Close' }, ...notification });
}
